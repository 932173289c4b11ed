package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"jeton/client"
)

// A token for a job that runs at night, good for a year. The secret is shown once.
func ExampleClient_CreateToken() {
	ctx := context.Background()
	c, err := client.New("https://tokens.example.org", client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	t, err := c.CreateToken(ctx, client.Me, client.NewToken{
		Description: "nightly backup",
		ExpiresAt:   time.Now().AddDate(1, 0, 0).UnixMilli(),
		Scopes:      []string{"backup:write"},
	})
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile("backup.token", []byte(t.Secret.Reveal()), 0o600); err != nil {
		panic(err)
	}
}

// A log-in makes a session; With makes a client that calls by it.
func ExampleClient_LogIn() {
	ctx := context.Background()
	c, err := client.New("https://tokens.example.org", client.WithUserAgent("inventory/1.0"))
	if err != nil {
		panic(err)
	}
	user, secret, err := c.LogIn(ctx, "ann", os.Getenv("PASSWORD"))
	if err != nil {
		panic(err)
	}
	c = c.With(secret.Reveal())
	defer func() { _ = c.LogOut(ctx) }()
	fmt.Println(user.Username, user.RoleNames())
}

// Tokens that nobody has used for 90 days.
func ExampleAll() {
	ctx := context.Background()
	c, err := client.New("https://tokens.example.org", client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	old := time.Now().AddDate(0, 0, -90).UnixMilli()
	for t, err := range client.All(ctx, c.Tokens) {
		if err != nil {
			panic(err)
		}
		if max(t.LastUsedAt, t.CreateAt) < old {
			fmt.Println(t.ID, t.UserID, t.Description)
		}
	}
}

// A list that asks for more than a page is given to All by a function.
func ExampleAll_ofOneUser() {
	ctx := context.Background()
	c, err := client.New("https://tokens.example.org", client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	mine := func(ctx context.Context, p client.Page) (client.List[client.Token], error) {
		return c.TokensOf(ctx, client.Me, p)
	}
	for t, err := range client.All(ctx, mine) {
		if err != nil {
			panic(err)
		}
		fmt.Println(t.ID, t.Description)
	}
}

// What the server refused says why, for people and for programs.
func ExampleError() {
	ctx := context.Background()
	c, err := client.New("https://tokens.example.org", client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	_, err = c.RevokeToken(ctx, "18j1ornm36hfwhehbnhka1f5t6")
	refused, ok := errors.AsType[*client.Error](err)
	switch {
	case err == nil:
		fmt.Println("revoked")
	case ok && refused.Status == http.StatusNotFound:
		fmt.Println("there is no such token")
	case ok && refused.Temporary():
		fmt.Println("ask again in", refused.RetryAfter)
	default:
		panic(err)
	}
}

// A record can be printed and logged as it is.
func ExampleSecret() {
	t := client.Token{ID: "18j1ornm36hfwhehbnhka1f5t6", Secret: "jtn_5xGvX0"}
	fmt.Println(t.ID, t.Secret)
	fmt.Println(t.Secret.Reveal())
	// Output:
	// 18j1ornm36hfwhehbnhka1f5t6 ********
	// jtn_5xGvX0
}
