package httpapi

import (
	"jeton"
	"jeton/limit"
	"jeton/web"
)

// configJSON follows model.Config, with the sections and the settings that mean something
// here. It holds what a client may know: no secret, no file, no address of the database.
type configJSON struct {
	ServiceSettings struct {
		SiteURL                                string
		EnableUserAccessTokens                 bool
		MaximumPersonalAccessTokenLifetimeDays int
		EnableBotAccountCreation               bool
		EnableAPIUserDeletion                  bool
		SessionLengthWebInHours                int
		MaximumLoginAttempts                   int
	}
	TeamSettings struct {
		SiteName           string
		EnableUserCreation bool
		EnableOpenServer   bool
	}
	EmailSettings struct {
		EnableSignUpWithEmail    bool
		EnableSignInWithEmail    bool
		EnableSignInWithUsername bool
	}
	PasswordSettings      struct{ MinimumLength int }
	GuestAccountsSettings struct{ Enable bool }
	LocalizationSettings  struct{ DefaultServerLocale, DefaultClientLocale, AvailableLocales string }
}

// getConfig is GET /config.
func (a *api) getConfig(c *web.Call) (any, error) {
	if err := a.service.ReadSystem(c.Actor); err != nil {
		return nil, err
	}
	s := a.service.Settings()
	var out configJSON
	out.ServiceSettings.SiteURL = a.siteURL()
	out.ServiceSettings.EnableUserAccessTokens = s.TokensEnabled
	out.ServiceSettings.EnableBotAccountCreation = true
	out.ServiceSettings.EnableAPIUserDeletion = s.UserDeletion
	out.ServiceSettings.SessionLengthWebInHours = int(s.SessionLength.Hours())
	out.ServiceSettings.MaximumLoginAttempts = limit.LogInsOfAccount.Count
	out.TeamSettings.SiteName = siteName
	out.TeamSettings.EnableUserCreation = true
	out.TeamSettings.EnableOpenServer = s.OpenSignup
	out.EmailSettings.EnableSignUpWithEmail = true
	out.EmailSettings.EnableSignInWithEmail = true
	out.EmailSettings.EnableSignInWithUsername = true
	out.PasswordSettings.MinimumLength = jeton.MinPassword
	out.LocalizationSettings.DefaultServerLocale = "en"
	out.LocalizationSettings.DefaultClientLocale = "en"
	out.LocalizationSettings.AvailableLocales = "en"
	return out, nil
}

const siteName = "Jeton"

// siteURL returns the public URL without a final slash; empty: it is not known. It leaves
// out credentials, which an administrator may have put into it.
func (a *api) siteURL() string {
	if a.public == nil {
		return ""
	}
	public := *a.public
	public.User = nil
	return trimSlash(public.String())
}
