//! The methods and their names in both dialects.

use super::Dialect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Send,
    Stream,
    Get,
    List,
    Cancel,
    Subscribe,
    /// Any method for push notifications, which the runtime does not support.
    PushNotifications,
    /// The extended card, which the runtime does not have.
    ExtendedCard,
}

impl Method {
    /// Returns the method with this name and its dialect. The dialects share no name.
    pub(crate) fn parse(name: &str) -> Option<(Dialect, Self)> {
        let v0_3 = |method| Some((Dialect::V0_3, method));
        let v1_0 = |method| Some((Dialect::V1_0, method));
        match name {
            "message/send" => v0_3(Self::Send),
            "message/stream" => v0_3(Self::Stream),
            "tasks/get" => v0_3(Self::Get),
            "tasks/cancel" => v0_3(Self::Cancel),
            "tasks/resubscribe" => v0_3(Self::Subscribe),
            "agent/getAuthenticatedExtendedCard" => v0_3(Self::ExtendedCard),
            "SendMessage" => v1_0(Self::Send),
            "SendStreamingMessage" => v1_0(Self::Stream),
            "GetTask" => v1_0(Self::Get),
            "ListTasks" => v1_0(Self::List),
            "CancelTask" => v1_0(Self::Cancel),
            "SubscribeToTask" => v1_0(Self::Subscribe),
            "GetExtendedAgentCard" => v1_0(Self::ExtendedCard),
            "CreateTaskPushNotificationConfig"
            | "GetTaskPushNotificationConfig"
            | "ListTaskPushNotificationConfigs"
            | "DeleteTaskPushNotificationConfig" => v1_0(Self::PushNotifications),
            _ if name.starts_with("tasks/pushNotificationConfig/") => v0_3(Self::PushNotifications),
            _ => None,
        }
    }
}
