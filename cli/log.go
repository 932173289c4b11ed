package cli

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/pflag"
)

const (
	logLevelFlag  = "log-level"
	logFormatFlag = "log-format"
	logFileFlag   = "log-file"
)

// logFlags are the settings of the log.
type logFlags struct{ level, format, file string }

func (f *logFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.level, logLevelFlag, "info", "the lowest level that is logged: debug, info, warn or error")
	flags.StringVar(&f.format, logFormatFlag, "text", "the format of the log: text or json")
	flags.StringVar(&f.file, logFileFlag, "", "the `file` of the log, instead of stderr; SIGHUP opens it again")
}

func (f *logFlags) check(wrong wrongSetting) error {
	if _, err := newLogger(nil, f.level, "text"); err != nil {
		return wrong(logLevelFlag, "%w", err)
	}
	if _, err := newLogger(nil, "info", f.format); err != nil {
		return wrong(logFormatFlag, "%w", err)
	}
	return nil
}

// newLogger returns a log of a level (debug, info, warn, error) and a format (text, json).
func newLogger(w io.Writer, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("level %q is not debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return nil, fmt.Errorf("format %q is neither text nor json", format)
}
