"""What the error codes of Slack's methods mean: which are final, and which pass.

A code is final only if it is listed here: Slack says then that the same call will be refused again.
Every other code may pass, including those that Slack has not documented yet.
"""

from collections.abc import Mapping

from slackbot.delivery.feature_refusals import WORKSPACE_CODES

REVOKED_TOKEN_CODES = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)
"""No call with this token will succeed again: https://docs.slack.dev/reference/methods/auth.test"""

RATE_LIMIT_CODES = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
"""The method is limited, whatever the HTTP status:
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

OUTAGE_CODES = frozenset(
    {
        "external_channel_migrating",
        "fatal_error",
        "internal_error",
        "messaging_processing_failed",
        "org_login_required",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "timeout",
        "update_failed",
    }
)
"""Slack itself fails, or moves the workspace or the channel. The same call works afterwards.

https://docs.slack.dev/reference/methods/chat.update#errors
"""

FINAL_CODES = frozenset(
    {
        *WORKSPACE_CODES,
        "app_access_restricted",
        "ekm_access_denied",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_charset",
        "invalid_form_data",
        "invalid_post_type",
        "is_bot",
        "missing_post_type",
        "two_factor_setup_required",
    }
)
"""What the pages of all methods name, such as
https://docs.slack.dev/reference/methods/auth.test#errors
"""

_PLACE_CODES = frozenset(
    {
        "cannot_dm_bot",
        "cannot_reply_to_message",
        "channel_not_found",
        "channel_type_not_supported",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_not_found",
        "thread_locked",
        "thread_not_found",
    }
)
"""Nothing can be said there."""

_CONTENT_CODES = frozenset(
    {
        "attachment_payload_limit_exceeded",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "markdown_text_conflict",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "slack_connect_canvas_sharing_blocked",
        "slack_connect_file_link_sharing_blocked",
        "slack_connect_lists_sharing_blocked",
        "too_many_attachments",
    }
)

_MESSAGE_CODES = frozenset({*_PLACE_CODES, *_CONTENT_CODES})

_STREAM_CODES = frozenset(
    {
        *_MESSAGE_CODES,
        "cannot_provide_both_markdown_text_and_chunks",
        "invalid_chunks",
        "invalid_thread_ts",
        "message_not_found",
        "message_not_in_streaming_state",
        "message_not_owned_by_app",
        "missing_recipient_team_id",
        "missing_recipient_user_id",
        "stopped_by_user",
        "streaming_mode_mismatch",
        "user_not_found",
    }
)

_CONVERSATION_CODES = frozenset(
    {
        "channel_not_found",
        "invalid_cursor",
        "invalid_limit",
        "invalid_ts_latest",
        "invalid_ts_oldest",
        "method_not_supported_for_channel_type",
        "not_in_channel",
        "thread_not_found",
    }
)

_VIEW_CODES = frozenset(
    {
        "duplicate_external_id",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "hash_conflict",
        "invalid_trigger_id",
        "not_enabled",
        "not_found",
        "push_limit_reached",
        "trigger_exchanged",
        "trigger_expired",
        "user_not_found",
        "view_too_large",
    }
)

_FILE_CODES = frozenset(
    {
        "alt_txt_too_large",
        "another_host",
        "channel_not_found",
        "file_deleted",
        "file_not_found",
        "file_upload_size_restricted",
        "file_uploads_disabled",
        "file_uploads_except_images_disabled",
        "invalid_channel",
        "not_in_channel",
        "posting_to_channel_denied",
    }
)

_THREAD_CODES = frozenset(
    {
        "channel_not_found",
        "invalid_thread_ts",
        "not_in_channel",
        "thread_not_found",
        "user_not_found",
    }
)

_UNINSTALL_CODES = frozenset(
    {
        "bad_client_secret",
        "client_id_token_mismatch",
        "enterprise_is_restricted",
        "invalid_client_id",
        "must_revoke_access",
        "no_permission",
    }
)

FINAL_CODES_BY_METHOD: Mapping[str, frozenset[str]] = {
    "agents.sessions.setStatus": _THREAD_CODES,
    "apps.uninstall": _UNINSTALL_CODES,
    "assistant.threads.setStatus": _THREAD_CODES,
    "assistant.threads.setSuggestedPrompts": _THREAD_CODES,
    "chat.appendStream": _STREAM_CODES,
    "chat.delete": frozenset(
        {
            *_PLACE_CODES,
            "cant_delete_message",
            "compliance_exports_prevent_deletion",
            "message_not_found",
        }
    ),
    "chat.postEphemeral": frozenset({*_MESSAGE_CODES, "user_not_in_channel"}),
    "chat.postMessage": _MESSAGE_CODES,
    "chat.startStream": _STREAM_CODES,
    "chat.stopStream": _STREAM_CODES,
    "chat.update": frozenset(
        {
            *_MESSAGE_CODES,
            "block_mismatch",
            "cant_update_message",
            "edit_window_closed",
            "message_not_found",
            "streaming_state_conflict",
        }
    ),
    "conversations.history": _CONVERSATION_CODES,
    "conversations.info": _CONVERSATION_CODES,
    "conversations.members": _CONVERSATION_CODES,
    "conversations.replies": _CONVERSATION_CODES,
    "files.completeUploadExternal": frozenset({*_FILE_CODES, *_MESSAGE_CODES}),
    "files.getUploadURLExternal": _FILE_CODES,
    "files.info": frozenset({*_FILE_CODES, "access_denied", "no_permission", "not_visible"}),
    "oauth.v2.access": frozenset(
        {
            "bad_client_secret",
            "bad_redirect_uri",
            "cannot_install_an_org_installed_app",
            "code_already_used",
            "invalid_client_id",
            "invalid_code",
            "invalid_grant_type",
            "invalid_refresh_token",
            "no_scopes",
            "oauth_authorization_url_mismatch",
            "preview_feature_not_available",
        }
    ),
    "usergroups.list": frozenset({"invalid_team", "plan_upgrade_required"}),
    "users.info": frozenset({"user_not_found", "user_not_visible"}),
    "views.open": _VIEW_CODES,
    "views.publish": _VIEW_CODES,
    "views.update": _VIEW_CODES,
}
"""What the page of each method names in addition, such as
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""


def is_final(method: str, code: str) -> bool:
    """Returns whether Slack would refuse the same call again."""
    revoked = code in REVOKED_TOKEN_CODES
    return revoked or code in FINAL_CODES or code in FINAL_CODES_BY_METHOD.get(method, ())
