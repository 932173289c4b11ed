package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
)

// TestSettings: a bad setting is named in the error, and no error shows the secret.
// What the service does beside a real Jeton is tested in the directory above.
func TestSettings(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"JETON_TOKEN": {"JETON_URL": "http://127.0.0.1:8065"},
		"JETON_URL":   {"JETON_TOKEN": "jtn_x", "JETON_URL": "http://jtn_secret@127.0.0.1"},
		"listen":      {"JETON_TOKEN": "jtn_x", "JETON_URL": "http://127.0.0.1:8065", "LISTEN": "127.0.0.1:-1"},
	} {
		err := run(context.Background(), func(k string) string { return env[k] }, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "jtn_") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
