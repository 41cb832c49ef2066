"""What each method asks for. Source: the method reference of docs.slack.dev, as tabled in slack-facts 1.7."""

from __future__ import annotations

#: One of these scopes. What a method asks for in private channels besides is checked where it looks at them.
NEEDED = {
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "conversations.info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations.list": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations.history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.open": {"im:write", "mpim:write"},
    "users.info": {"users:read"},
    "users.conversations": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "usergroups.users.list": {"usergroups:read"},
    "reactions.get": {"reactions:read"},
}
