// Where a serial port leads, the console's and others: the terminal, files, or nowhere.
//
//   stdio          standard output and input; a terminal is set to deliver all keys as typed, Ctrl-C too;
//                  Ctrl-A x ends the run, Ctrl-A Ctrl-A sends one Ctrl-A
//   none           output is dropped, there is no input
//   file:OUT[,IN]  output to a file; input from one, byte by byte
//
// Input comes whenever the serial port samples it, so at modelled times; from a file it is the same in
// every run. When it has ended (at once where there is none) the guest gets one EOT character, as from
// Ctrl-D on a terminal, so that a shell of its own can end, and one more after each reset of the machine and
// each time the guest clears the receiver; `console.eof = none` leaves it waiting.
#pragma once

#include <memory>
#include <string>

#include "platform/options.h"
#include "serial/serial_backend.h"

namespace memio {

class Console : public SerialBackend {
 public:
  /// Opens what the option says; `eot`: the end of input is told by EOT. Throws ConfigError.
  static std::unique_ptr<Console> open(const OptionValue& option, bool eot);

  /// The file `specification` writes to, and the one it reads; empty if it names none.
  static std::string output_path(const std::string& specification);
  static std::string input_path(const std::string& specification);

  /// Passes on what is buffered. Throws OutputError if output was lost (disk full, closed pipe), Interrupted
  /// if that was for a signal.
  virtual void finish() = 0;
  /// The first output error; empty if there was none.
  virtual const std::string& error() const = 0;
  /// Looks at a terminal for the user's wish to end; what else was typed is kept for the guest.
  virtual void poll() {}
  /// Sleeps until a key of a terminal is pressed, but at most so long; not at all without a terminal.
  virtual void wait(int) {}
  /// True once the user asked to end the run.
  virtual bool quit() const = 0;
};

}  // namespace memio
