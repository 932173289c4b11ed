package cli

import (
	"log/slog"
	"syscall"
)

const (
	// derivedConnections is the most that connections are limited to unless a flag says so.
	// Each can hold some 100 KB of headers that are never finished.
	derivedConnections = 2048
	// reservedFiles are kept for the database, the log, metrics and the like: a third of the
	// open files, and at most so many.
	reservedFiles = 128
	// metricsConnections are those of the metrics address.
	metricsConnections = 32
)

// connectionLimit returns how many connections the server may have: what the flag says, or
// a default, and no more than the limit of open files has room for. Go raised that to the
// hard limit at the start of the program.
func connectionLimit(flag int, log *slog.Logger) int {
	room := mostConnections
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && files.Cur < mostConnections {
		n := int(files.Cur)
		room = max(1, n-min(reservedFiles, n/3))
	}
	switch {
	case flag == 0:
		return min(derivedConnections, room)
	case flag > room:
		log.Warn("--"+maxConnectionsFlag+" is lowered: the limit of open files is too low for it", "wanted", flag, "at_most", room,
			"open_files", files.Cur, "raise_it_by", "LimitNOFILE= of systemd, --ulimit nofile= of docker, or ulimit -n")
		return room
	}
	return flag
}
