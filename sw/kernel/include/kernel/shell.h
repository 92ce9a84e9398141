// The console shell: commands typed at the console, or scripted through it.
#pragma once

namespace memio {

// Reads and runs commands until the input ends (Ctrl-D on an empty line); 0, the exit status it wishes for.
// The commands poweroff and reboot do not return.
int shell_run();

}  // namespace memio
