// The signals by which a user ends `memio run`: SIGINT, SIGTERM, SIGQUIT, and SIGHUP of a terminal that
// closes. Each ends what memio does then, in good order: the run, or the wait for the other end of a pipe.
#pragma once

#include <string>

namespace memio {

/// Begins to take note of the signals. A SIGHUP that is ignored (nohup) stays so. The third signal ends memio
/// at once; further ones of SIGHUP do not count, since a shell, too, hands them on.
void catch_interrupts();

/// True once a signal came that nothing has answered.
bool interrupted();
/// What the signals so far were for has ended.
void answer_interrupts();
/// True if a signal is why a call failed with the errno `error`: it ended a wait, or took the terminal away.
bool failed_by_signal(int error);

/// Throws Interrupted if a signal came that nothing has answered and `path` is a pipe, whose other end would
/// have to be waited for.
void refuse_wait(const std::string& path);

/// Opens a file by open(2) and `flags`, always with O_CLOEXEC; one that is made may be read and written by
/// all that the umask leaves. Waits for the other end of a pipe until a signal comes, and not at all once one
/// did: throws Interrupted. Otherwise the descriptor, or -1 and errno.
int open_file(const std::string& path, int flags);

}  // namespace memio
