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

// A token for a nightly job, valid for a year. The server shows the secret once.
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

// A log-in creates a session. With returns a client that uses it.
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

// Tokens that were not used for 90 days.
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

// All reads any list. A function passes further parameters.
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

// An error has a message for people and fields for programs.
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

// A record can be printed and logged: its secret is masked.
func ExampleSecret() {
	t := client.Token{ID: "18j1ornm36hfwhehbnhka1f5t6", Secret: "jtn_5xGvX0"}
	fmt.Println(t.ID, t.Secret)
	fmt.Println(t.Secret.Reveal())
	// Output:
	// 18j1ornm36hfwhehbnhka1f5t6 ********
	// jtn_5xGvX0
}
