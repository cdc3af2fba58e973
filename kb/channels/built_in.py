"""The profiles every house starts with; each limit names its source, and is the stricter one where two differ."""

from kb.channels.limits import Limit, ProfileEntry, Ssml

_SAFE = ("speak", "p", "s", "break", "sub", "say-as", "phoneme")
_POLLY_TAGS = (*_SAFE, "lang", "mark", "prosody", "w")
_BUFFER = "developers.buffer.com/guides/character-limits.md"
_AYRSHARE = "docs.upload-post.com/resources/character-limits"
_POLLY = "docs.aws.amazon.com/polly/latest/dg/limits.html, supportedtags.html"
_CONNECT = "docs.aws.amazon.com/connect/latest/adminguide/supported-ssml-tags.html"
_GOOGLE = "cloud.google.com/text-to-speech/quotas"
_TWILIO = "twilio.com/docs/api/errors/13521"
_MENUS = "support.avaya.com 15577; voip-int.com; ivrsworld.com: four or five options at most, always a way to a person"
_META_REPLIES = "developers.facebook.com messenger-platform/send-messages/quick-replies"
_SLACK_BLOCKS = "slackapi/python-slack-sdk models/blocks (v3.47)"

_VOICE = {
    "voice/core": ProfileEntry(
        form="spoken",
        detail=False,
        markup="ssml",
        max_next=5,
        max_seconds=60,
        ssml=Ssml(
            tags=_SAFE,
            billed=3000,
            total=5000,
            total_unit="bytes",
            source=f"the common core of {_POLLY}; {_CONNECT}; {_GOOGLE}; {_TWILIO}",
        ),
        sources=(_MENUS,),
    ),
    "voice/polly": ProfileEntry(
        ssml=Ssml(tags=_POLLY_TAGS, break_milliseconds=10_000, billed=3000, total=6000, source=_POLLY)
    ),
    "voice/connect": ProfileEntry(
        ssml=Ssml(tags=_POLLY_TAGS, break_milliseconds=10_000, billed=3000, total=6000, source=f"{_CONNECT}; {_POLLY}")
    ),
    "voice/twilio": ProfileEntry(ssml=Ssml(tags=_SAFE, billed=3000, total=4096, source=_TWILIO)),
    "voice/google": ProfileEntry(
        ssml=Ssml(tags=("speak", "p", "s", "break", "sub", "say-as"), total=5000, total_unit="bytes", source=_GOOGLE)
    ),
    "voice/lex": ProfileEntry(
        ssml=Ssml(tags=_POLLY_TAGS, break_milliseconds=10_000, total=1000, source="lexv2 API_SSMLMessage"),
        output=False,
    ),
    "voice/alexa": ProfileEntry(
        ssml=Ssml(
            tags=(*_POLLY_TAGS, "audio", "voice"),
            break_milliseconds=10_000,
            total=7999,
            source="developer.amazon.com best-practice-text-response.html",
        ),
        output=False,
    ),
    "voice/cxone": ProfileEntry(
        ssml=Ssml(total=299, source="help.nice-incontact.com/content/cloudtts/ssmlfortts.htm"),
        output=False,
    ),
    "voice/salesforce": ProfileEntry(
        ssml=Ssml(tags=("speak", "break", "phoneme"), source="help.salesforce.com afcc_sv_voice_controls"),
        output=False,
    ),
}

_CHAT = {
    "chat/core": ProfileEntry(
        form="",
        detail=True,
        markup="markdown",
        limits=(Limit("bytes", 20_000, "docs.aws.amazon.com/connect/latest/adminguide/interactive-messages.md"),),
        max_parts=1,
        label_size=20,
        max_next=13,
        max_buttons=13,
        sources=(_META_REPLIES,),
    ),
    "chat/whatsapp": ProfileEntry(
        markup="whatsapp",
        limits=(Limit("characters", 1024, "docs.gupshup.io/docs/reply-node: body of a message with reply buttons"),),
        max_parts=4,
        max_next=10,
        max_buttons=3,
        sources=("developers.facebook.com/documentation/business-messaging/whatsapp/templates/components",),
    ),
    "chat/messenger": ProfileEntry(
        markup="plain",
        limits=(Limit("characters", 2000, "rubydoc flow_chat MessengerConfig; Meta states none on current pages"),),
        max_parts=3,
        sources=(_META_REPLIES,),
    ),
    "chat/slack": ProfileEntry(
        markup="mrkdwn",
        limits=(Limit("characters", 3000, f"{_SLACK_BLOCKS}: section"),),
        max_parts=3,
        title_size=150,
        label_size=75,
        max_next=25,
        max_buttons=25,
        sources=(_SLACK_BLOCKS, "slackapi/bolt-js issue 2509"),
    ),
    "chat/instagram": ProfileEntry(
        markup="plain",
        limits=(Limit("bytes", 1000, "rubydoc flow_chat MessengerConfig"),),
        max_parts=4,
        sources=("developers.facebook.com instagram quick-replies",),
        output=False,
    ),
    "chat/rcs": ProfileEntry(
        markup="plain",
        limits=(Limit("characters", 3072, "docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs"),),
        label_size=25,
        max_next=11,
        max_buttons=11,
        output=False,
    ),
    "chat/apple": ProfileEntry(
        markup="plain",
        limits=(Limit("characters", 3000, "infobip.com/docs/apple-messages-for-business/message-types"),),
        label_size=200,
        max_next=5,
        max_buttons=5,
        sources=("help.webexconnect.io changelog",),
        output=False,
    ),
}

_SOCIAL = {
    "social/core": ProfileEntry(form="short", detail=False, markup="plain", max_parts=1, output=False),
    "social/x": ProfileEntry(
        limits=(Limit("weighted", 280, "twitter/twitter-text config/v3.json"),), max_parts=3, url_length=23
    ),
    "social/bluesky": ProfileEntry(
        limits=(
            Limit("graphemes", 300, "bluesky-social/atproto lexicons/app/bsky/feed/post.json"),
            Limit("bytes", 3000, "bluesky-social/atproto lexicons/app/bsky/feed/post.json"),
        ),
        max_parts=3,
    ),
    "social/mastodon": ProfileEntry(
        limits=(Limit("characters", 500, "mastodon/documentation content/en/user/posting.md"),),
        max_parts=2,
        url_length=23,
        sources=("mastodon/documentation content/en/entities/Instance.md",),
    ),
    "social/facebook": ProfileEntry(limits=(Limit("utf16", 5000, f"{_BUFFER}; 63,206 in {_AYRSHARE}"),)),
    "social/instagram": ProfileEntry(limits=(Limit("utf16", 2196, f"{_BUFFER}; 2,200 in {_AYRSHARE}"),)),
    "social/linkedin": ProfileEntry(limits=(Limit("utf16", 3000, _BUFFER),)),
    "social/tiktok": ProfileEntry(limits=(Limit("utf16", 2200, f"{_BUFFER}: with video"),), output=False),
    "social/threads": ProfileEntry(limits=(Limit("utf16", 500, _BUFFER),), output=False),
    "social/youtube": ProfileEntry(limits=(Limit("utf16", 5000, _BUFFER),), title_size=100, output=False),
    "social/google-business": ProfileEntry(limits=(Limit("utf16", 1500, f"{_BUFFER} has 4,000"),), output=False),
}

_WRITTEN = {
    "sms/core": ProfileEntry(
        form="short",
        detail=False,
        markup="plain",
        max_parts=6,
        max_next=9,
        sources=("alphagov/notifications-utils template.py, sanitise_text.py: at most 918 = 6 × 153",),
    ),
    "email/core": ProfileEntry(form="", detail=True, markup="html", title_size=78, sources=("RFC 5322 §2.1.1",)),
    "faq/core": ProfileEntry(form="", detail=True, markup="html", sources=("schema.org FAQPage, Question, Answer",)),
    "agent/core": ProfileEntry(form="", detail=True, markup="markdown"),
}

BUILT_IN: dict[str, ProfileEntry] = {**_VOICE, **_CHAT, **_SOCIAL, **_WRITTEN}
