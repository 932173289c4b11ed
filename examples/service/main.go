// Command service is a small HTTP service that checks its clients' tokens itself,
// with package jeton/client and no proxy in front.
//
//	JETON_URL=http://127.0.0.1:8065 JETON_TOKEN=jtn_... go run .
//
// JETON_TOKEN is a token whose owner has the role system_token_verifier, which holds
// one permission: to introspect tokens. LISTEN is the address to serve on, 127.0.0.1:9000
// by default.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"jeton/client"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv, slog.Default()); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and then finishes the requests that it has begun.
func run(ctx context.Context, getenv func(string) string, log *slog.Logger) error {
	token, listen := getenv("JETON_TOKEN"), getenv("LISTEN")
	if token == "" {
		return errors.New("JETON_TOKEN is not set: the service introspects tokens with it")
	}
	if listen == "" {
		listen = "127.0.0.1:9000"
	}
	jeton, err := client.New(getenv("JETON_URL"), client.WithToken(token), client.WithUserAgent("example-service"))
	if err != nil {
		return fmt.Errorf("JETON_URL: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return err
	}

	verifier := client.NewVerifier(jeton, client.VerifierOptions{Log: log})
	following, unfollow := context.WithCancel(context.WithoutCancel(ctx)) // until the last request is answered
	var follower sync.WaitGroup
	follower.Go(func() { verifier.Run(following) })
	defer follower.Wait()
	defer unfollow()

	server := &http.Server{Handler: handler(verifier), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", "url", "http://"+listener.Addr().String())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(last)
}

// handler requires a good token for every path, and deploy:write for a deployment.
func handler(v *client.Verifier) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /whoami", whoami)
	mux.Handle("POST /deploys", client.Require("deploy:write")(http.HandlerFunc(deploy)))
	return client.Middleware(v)(mux)
}

func whoami(w http.ResponseWriter, r *http.Request) {
	who := client.IdentityOf(r.Context())
	fmt.Fprintf(w, "%s %v\n", who.Username, who.Roles)
}

func deploy(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, "deployed by %s\n", client.IdentityOf(r.Context()).Username)
}
