//! Options that leave one another without effect.

use crate::{
    diagnostics::Errors,
    model::{Setting, Value},
};

/// Reports what can be seen in one attribute. Values that are constants, and those of other levels,
/// are for the server to judge: there a weaker level may well say something that a stronger one
/// makes void.
pub(crate) fn options(settings: &[Setting], errors: &mut Errors) {
    let get = |name: &str| settings.iter().find(|setting| setting.name() == name);
    if let (Some(pong), Some(Value::Off)) =
        (get("pong_timeout"), get("ping_interval").map(Setting::value))
    {
        let text = "without pings there is no pong to wait for; remove `pong_timeout`, or give \
                    `ping_interval` a duration";
        errors.at(pong.name().span(), text);
    }
    if let (Some(frame), Some(message)) = (get("max_frame_size"), get("max_message_size"))
        && let (Value::Number(frames), Value::Number(messages)) = (frame.value(), message.value())
        && frames > messages
    {
        let text = format!(
            "no frame is larger than its message, for which the limit is {messages} bytes; remove \
             `max_frame_size`, or raise `max_message_size`"
        );
        errors.at(frame.name().span(), text);
    }
}
