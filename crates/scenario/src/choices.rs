//! Enums whose members are the choices of a key: one list for type, names and documentation.

/// Declares such an enum: `Member = "name": "Meaning.",`.
macro_rules! choices {
    (
        $(#[$attribute:meta])*
        pub enum $kind:ident {
            $($(#[$mark:meta])* $member:ident = $name:literal: $doc:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $(#[doc = $doc] $(#[$mark])* $member,)+
        }

        impl $kind {
            pub(crate) const CHOICES: &[$crate::keys::Choice] = &[$(($name, $doc)),+];

            /// As it is written in a scenario.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name,)+
                }
            }

            pub(crate) fn of(given: &$crate::given::Given<'_>) -> Self {
                given.one_of(&[$(Self::$member),+], Self::name)
            }
        }
    };
}
