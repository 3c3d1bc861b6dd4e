//! The mark of a summary and a lesson that no longer describe what runs under the command line.

use super::Resolver;
use super::expectations::differs;

impl Resolver<'_> {
    /// True if the command line changed what is measured, and did not give a summary of its own.
    pub(super) fn is_summary_outdated(&self) -> bool {
        let is_new = self.layers.is_from_command_line(&["summary"]);
        !is_new && differs(self.written, self.layers, |_| true)
    }

    /// True if the command line changed what the arms compare. Lessons hold for any load, but not for
    /// any subject.
    pub(super) fn is_subject_changed(&self) -> bool {
        let is_new = self.layers.is_from_command_line(&["lesson"]);
        !is_new && differs(self.written, self.layers, |path| path[0] == "arm")
    }
}
