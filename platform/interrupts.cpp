// Signal handlers and what they end; see interrupts.h.
#include "platform/interrupts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "platform/errors.h"
#include "platform/run.h"

namespace memio {
namespace {

// Signal handlers can reach nothing but globals.
std::atomic<unsigned> signals_seen{0};
std::atomic<bool> hung_up{false};
unsigned signals_answered = 0;

// `timeout` sends its signal twice, to the process and to its group, so only the third kills.
void take_note(int signal) {
  if (signal == SIGHUP && hung_up.exchange(true)) return;
  if (++signals_seen >= 3) _exit(status_interrupted);
}

bool is_pipe(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

[[noreturn]] void give_up(const std::string& path) {
  throw Interrupted(fmt::format("{}: interrupted before the pipe's other end was open", path));
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = take_note;
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) {
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (signal != SIGHUP || before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

bool interrupted() { return signals_seen != signals_answered; }

void answer_interrupts() { signals_answered = signals_seen; }

bool failed_by_signal(int error) { return error == EINTR || (error == EIO && hung_up); }

void refuse_wait(const std::string& path) {
  if (interrupted() && is_pipe(path)) give_up(path);
}

int open_file(const std::string& path, int flags) {
  if ((flags & O_ACCMODE) == O_RDONLY) refuse_wait(path);
  const bool hurry = interrupted() && is_pipe(path);
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | (hurry ? O_NONBLOCK : 0), 0666);
  if (fd < 0 && (errno == EINTR || (hurry && errno == ENXIO))) give_up(path);
  if (fd >= 0 && hurry) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

}  // namespace memio
