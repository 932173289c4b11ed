package cli

import (
	"fmt"

	"jeton"
)

// passwordFault returns what is wrong with a new password, as the rest of a sentence that
// begins with the password; empty: err says something else.
func passwordFault(err error) string {
	switch jeton.CodeOf(err) {
	case jeton.CodePasswordTooShort, jeton.CodePasswordTooLong:
		return fmt.Sprintf("must have %d to %d characters", jeton.MinPassword, jeton.MaxPassword)
	case jeton.CodePasswordText:
		return "must be UTF-8 text"
	case jeton.CodePasswordSimple:
		return "repeats very few characters"
	case jeton.CodePasswordCommon:
		return "is among the most common ones, which are tried first"
	case jeton.CodePasswordNamed:
		return "is made of the username, the e-mail address or the name of this product"
	}
	return ""
}
