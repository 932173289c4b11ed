package jeton

import (
	"slices"
	"strings"
)

// The permissions of Mattermost 11.8 that mean nothing here. A stock client sends them
// ("mmctl permissions reset" sends all that a role has there), so a patch of a role leaves
// them out instead of refusing them. Any other unknown name is a mistake, and refused: a
// typing error must not look as if it had been granted.
const (
	foreignNames = `
	add_bookmark_private_channel add_bookmark_public_channel add_ldap_private_cert add_ldap_public_cert add_reaction
	add_saml_idp_cert add_saml_private_cert add_saml_public_cert add_user_to_team
	bypass_incoming_webhook_channel_lock convert_private_channel_to_public convert_public_channel_to_private
	create_compliance_export_job create_custom_group create_data_retention_job create_direct_channel
	create_elasticsearch_post_aggregation_job create_elasticsearch_post_indexing_job create_emojis
	create_group_channel create_ldap_sync_job create_post create_post_bleve_indexes_job create_post_ephemeral
	create_post_public create_private_channel create_public_channel create_team delete_bookmark_private_channel
	delete_bookmark_public_channel delete_custom_group delete_emojis delete_others_emojis delete_others_posts
	delete_post delete_private_channel delete_public_channel download_compliance_export_result
	edit_bookmark_private_channel edit_bookmark_public_channel edit_brand edit_custom_group edit_file_attachment
	edit_others_posts edit_post get_analytics get_logs get_public_link get_saml_cert_status
	get_saml_metadata_from_idp import_team invalidate_caches invalidate_email_invite invite_guest invite_user
	join_private_teams join_public_channels join_public_teams list_private_teams list_public_teams
	list_team_channels manage_channel_access_rules manage_channel_roles manage_compliance_export_job
	manage_custom_group_members manage_data_retention_job manage_elasticsearch_post_aggregation_job
	manage_elasticsearch_post_indexing_job manage_emojis manage_incoming_webhooks manage_ldap_sync_job
	manage_license_information manage_oauth manage_others_agent manage_others_emojis manage_others_incoming_webhooks
	manage_others_outgoing_webhooks manage_others_slash_commands manage_others_webhooks
	manage_outgoing_oauth_connections manage_outgoing_webhooks manage_own_agent manage_own_incoming_webhooks
	manage_own_outgoing_webhooks manage_own_slash_commands manage_post_bleve_indexes_job
	manage_private_channel_auto_translation manage_private_channel_banner manage_private_channel_members
	manage_private_channel_properties manage_public_channel_auto_translation manage_public_channel_banner
	manage_public_channel_members manage_public_channel_properties manage_secure_connections manage_shared_channels
	manage_slash_commands manage_system_wide_oauth manage_team manage_team_access_rules manage_team_roles
	manage_webhooks order_bookmark_private_channel order_bookmark_public_channel permanent_delete_user
	playbook_private_create playbook_private_make_public playbook_private_manage_members
	playbook_private_manage_properties playbook_private_manage_roles playbook_private_view playbook_public_create
	playbook_public_make_private playbook_public_manage_members playbook_public_manage_properties
	playbook_public_manage_roles playbook_public_view purge_bleve_indexes purge_elasticsearch_indexes read_audits
	read_channel read_channel_content read_compliance_export_job read_data_retention_job read_deleted_posts
	read_elasticsearch_post_aggregation_job read_elasticsearch_post_indexing_job read_jobs read_ldap_sync_job
	read_license_information read_other_users_teams read_private_channel_groups read_public_channel
	read_public_channel_groups recycle_database_connections reload_config remove_ldap_private_cert
	remove_ldap_public_cert remove_others_reactions remove_reaction remove_saml_idp_cert remove_saml_private_cert
	remove_saml_public_cert remove_user_from_team restore_custom_group run_create run_manage_members
	run_manage_properties run_view test_elasticsearch test_email test_ldap test_s3 test_site_url upload_file
	use_channel_mentions use_group_mentions use_slash_commands view_team`

	// foreignAreas are the parts of the system console. Each has a permission to read it
	// and one to write it.
	foreignAreas = `
	about about_edition_and_license authentication authentication_email authentication_guest_access
	authentication_ldap authentication_mfa authentication_openid authentication_password authentication_saml
	authentication_signup billing compliance compliance_compliance_export compliance_compliance_monitoring
	compliance_custom_terms_of_service compliance_data_retention_policy environment environment_database
	environment_developer environment_elasticsearch environment_file_storage environment_high_availability
	environment_image_proxy environment_logging environment_mobile_security environment_performance_monitoring
	environment_push_notification_server environment_rate_limiting environment_session_lengths environment_smtp
	environment_web_server experimental experimental_bleve experimental_feature_flags experimental_features
	integrations integrations_cors integrations_gif plugins products_boards reporting reporting_server_logs
	reporting_site_statistics reporting_team_statistics site site_announcement_banner site_customization site_emoji
	site_file_sharing_and_downloads site_ip_filters site_localization site_notices site_notifications site_posts
	site_public_links site_users_and_teams user_management_channels user_management_groups user_management_teams`
)

// foreignPermissions is the set of the names above.
var foreignPermissions = func() map[string]bool {
	set := map[string]bool{permReadSystemRoles: true} // whose other half, to write them, has a meaning here
	for name := range strings.FieldsSeq(foreignNames) {
		set[name] = true
	}
	for area := range strings.FieldsSeq(foreignAreas) {
		set["sysconsole_read_"+area], set["sysconsole_write_"+area] = true, true
	}
	return set
}()

// splitForeign separates permissions into those that can stand in a role, each once and
// in order, and those of Mattermost that mean nothing here. Names that are neither stay
// among the first, for the validation of the role to refuse.
func splitForeign(permissions []string) (kept, ignored []string) {
	foreign := func(p string) bool { return foreignPermissions[p] }
	all := uniqueStrings(permissions)
	kept = slices.DeleteFunc(slices.Clone(all), foreign)
	return kept, slices.DeleteFunc(all, func(p string) bool { return !foreign(p) })
}
