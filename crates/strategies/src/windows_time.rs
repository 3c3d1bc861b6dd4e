//! Times as Windows and .NET count them, in units of 100 ns.

/// Units in a second.
pub(crate) const UNITS_PER_S: u64 = 10_000_000;

const NS_PER_UNIT: i128 = 100;
/// 1970 in units since 1601.
const UNIX_IN_FILE_TIME: i128 = 116_444_736_000_000_000;
/// 1970 in units since year 1.
const UNIX_IN_TICKS: i128 = 621_355_968_000_000_000;

/// `FILETIME` of a time in nanoseconds since 1970.
pub(crate) fn file_time(unix_ns: i128) -> u64 {
    // Times outside of what Windows can hold wrap, as any number does for a tag.
    (unix_ns.div_euclid(NS_PER_UNIT) + UNIX_IN_FILE_TIME) as u64
}

/// `DateTime.Ticks` of a time in nanoseconds since 1970.
pub(crate) fn ticks(unix_ns: i128) -> u64 {
    (unix_ns.div_euclid(NS_PER_UNIT) + UNIX_IN_TICKS) as u64
}
