//! Methods by their names in both dialects.

use super::Dialect;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Send,
    Stream,
    Get,
    List,
    Cancel,
    Subscribe,
    /// Any of the methods on push notifications, which are not offered.
    PushNotifications,
    /// The extended card, which is not offered.
    ExtendedCard,
}

impl Method {
    /// The method and the dialect it is written in: no name is shared by both.
    pub(crate) fn parse(name: &str) -> Option<(Dialect, Self)> {
        let old = |method| Some((Dialect::V0_3, method));
        let new = |method| Some((Dialect::V1_0, method));
        match name {
            "message/send" => old(Self::Send),
            "message/stream" => old(Self::Stream),
            "tasks/get" => old(Self::Get),
            "tasks/cancel" => old(Self::Cancel),
            "tasks/resubscribe" => old(Self::Subscribe),
            "agent/getAuthenticatedExtendedCard" => old(Self::ExtendedCard),
            "SendMessage" => new(Self::Send),
            "SendStreamingMessage" => new(Self::Stream),
            "GetTask" => new(Self::Get),
            "ListTasks" => new(Self::List),
            "CancelTask" => new(Self::Cancel),
            "SubscribeToTask" => new(Self::Subscribe),
            "GetExtendedAgentCard" => new(Self::ExtendedCard),
            "CreateTaskPushNotificationConfig"
            | "GetTaskPushNotificationConfig"
            | "ListTaskPushNotificationConfigs"
            | "DeleteTaskPushNotificationConfig" => new(Self::PushNotifications),
            _ if name.starts_with("tasks/pushNotificationConfig/") => old(Self::PushNotifications),
            _ => None,
        }
    }
}
