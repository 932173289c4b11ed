package cli

import (
	"time"

	"github.com/spf13/pflag"

	"jeton/authn"
	"jeton/limit"
	"jeton/verify"
)

// verifyFlags are the settings of verification, as the flags gave them.
type verifyFlags struct {
	timeout                     time.Duration
	malformed                   int
	perToken, perAddress, guess string
	settings                    verify.Settings // parsed from the others
}

const (
	verifyTimeoutFlag   = "verify-timeout"
	verifyMalformedFlag = "verify-malformed-status"
	verifyTokenFlag     = "verify-limit-token"
	verifyAddressFlag   = "verify-limit-address"
	verifyUnknownFlag   = "verify-limit-unknown"
	verifyLogFlag       = "log-verifications"
)

func (f *verifyFlags) add(flags *pflag.FlagSet) {
	flags.DurationVar(&f.timeout, verifyTimeoutFlag, authn.DefaultTimeout, "how long a verification waits for the database before the answer is 503")
	flags.IntVar(&f.malformed, verifyMalformedFlag, 401, "the `status` for malformed credentials: 401, or 400, which nginx turns into 500")
	flags.BoolVar(&f.settings.Sessions, "verify-sessions", false, "accept the secrets of log-in sessions in verification, not only tokens")
	flags.BoolVar(&f.settings.LogEach, verifyLogFlag, false, "log each verification: outcome, caller and requirement; never a secret")
	flags.StringVar(&f.perToken, verifyTokenFlag, "off", "the limit of verifications for one token: off, or a `rate` such as 100/s, 10/m, 5000/h")
	flags.StringVar(&f.perAddress, verifyAddressFlag, "off", "the limit of verifications from one address: off, or a `rate`")
	flags.StringVar(&f.guess, verifyUnknownFlag, limit.DefaultUnknownSecrets, "the limit of unknown secrets from one address, on all routes: off, or a `rate`")
}

func (f *verifyFlags) check(wrong wrongSetting) (err error) {
	if f.timeout < time.Millisecond || f.timeout > 10*time.Second {
		return wrong(verifyTimeoutFlag, "%s is not from 1ms to 10s", f.timeout)
	}
	if f.malformed != 400 && f.malformed != 401 {
		return wrong(verifyMalformedFlag, "%d is neither 400 nor 401", f.malformed)
	}
	f.settings.MalformedStatus = f.malformed
	for flag, rate := range map[string]struct {
		text string
		into *limit.Rate
	}{
		verifyTokenFlag:   {f.perToken, &f.settings.PerToken},
		verifyAddressFlag: {f.perAddress, &f.settings.PerAddress},
		verifyUnknownFlag: {f.guess, &f.settings.Unknown},
	} {
		if *rate.into, err = limit.ParseRate(rate.text); err != nil {
			return wrong(flag, "%w", err)
		}
	}
	return nil
}
