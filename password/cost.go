package password

import (
	"crypto/sha512"

	"golang.org/x/crypto/bcrypt"
)

// The bounds of hashes that can be stored. A hash that is too cheap protects no password; one
// that is too dear lets a single user keep everybody else from logging in. The standard of each
// kind is what OWASP recommends and Mattermost makes; accepted is what costs from about a
// quarter of this package's own work up to that standard, or four times our own where that is more.
//
// Measured on one core of an AMD EPYC, 2026-11-25, in milliseconds: argon2id of 19 MiB and 2
// passes (our own) 20; of 76 MiB and 2 passes 104; bcrypt of cost 8 15, cost 10 69, cost 11 123;
// PBKDF2 with SHA-256 and 600,000 rounds (Mattermost 11) 95 to 120; with SHA-512 and 210,000
// rounds 123.
const (
	leastArgon2 = 19 * 1024 * 2 / 4 // KiB times passes, as mostArgon2
	mostArgon2  = 19 * 1024 * 2 * 4

	leastArgon2Memory  = 19 * 1024 / 4 // KiB, as mostArgon2Memory
	mostArgon2Memory   = 19 * 1024 * 4
	mostArgon2Threads  = 4
	leastAcceptedBytes = 8 // of a salt

	leastBcrypt = 8
	mostBcrypt  = 10 // Mattermost before 11

	leastSHA256 = 150_000
	mostSHA256  = 600_000 // Mattermost 11

	leastSHA512 = 52_500
	mostSHA512  = 210_000
)

func (a argon2id) acceptable() bool {
	work := uint64(a.memory) * uint64(a.time)
	return work >= leastArgon2 && work <= mostArgon2 && a.memory >= leastArgon2Memory && a.memory <= mostArgon2Memory &&
		a.threads <= mostArgon2Threads && len(a.salt) >= leastAcceptedBytes
}

func (b bcryptHash) acceptable() bool {
	cost, err := bcrypt.Cost([]byte(b))
	return err == nil && cost >= leastBcrypt && cost <= mostBcrypt
}

func (p pbkdf2Hash) acceptable() bool {
	least, most := leastSHA256, mostSHA256
	if p.function().Size() == sha512.Size {
		least, most = leastSHA512, mostSHA512
	}
	return p.rounds >= least && p.rounds <= most && len(p.salt) >= leastAcceptedBytes && len(p.key) <= p.function().Size()
}
