// The VCD reader of the tests; see vcd_reader.h.
#include "unit/trace/vcd_reader.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace memio::test {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& text) : in_(text) {}

  VcdContents read() {
    while (declaration()) {
    }
    for (std::string word; in_ >> word;) change(word);
    return std::move(contents_);
  }

 private:
  struct Variable {
    std::string name;
    unsigned width;
    bool event;
  };

  std::string next() {
    std::string word;
    if (!(in_ >> word)) throw std::runtime_error("the file ends too early");
    return word;
  }

  void expect(const std::string& word) {
    if (const auto got = next(); got != word) throw std::runtime_error("expected " + word + ", got " + got);
  }

  static void require(bool condition, const std::string& what) {
    if (!condition) throw std::runtime_error(what);
  }

  bool declaration() {
    const std::string word = next();
    if (word == "$enddefinitions") {
      expect("$end");
      require(scopes_.empty(), "a scope is left open");
      return false;
    }
    if (word == "$timescale") {
      expect("1"), expect("ps"), expect("$end");
    } else if (word == "$scope") {
      expect("module");
      scopes_.push_back(next());
      expect("$end");
    } else if (word == "$upscope") {
      require(!scopes_.empty(), "$upscope without a scope");
      scopes_.pop_back();
      expect("$end");
    } else if (word == "$var") {
      variable();
    } else {
      require(word == "$comment" || word == "$version", "unexpected " + word);
      while (next() != "$end") {
      }
    }
    return true;
  }

  void variable() {
    const bool event = next() == "event";
    const auto width = static_cast<unsigned>(std::stoul(next()));
    const std::string code = next();
    std::string name;
    for (const auto& scope : scopes_) name += scope + ".";
    name += next();
    if (width > 1) expect("[" + std::to_string(width - 1) + ":0]");
    expect("$end");
    require(variables_.emplace(code, Variable{name, width, event}).second, "two variables are " + code);
    require(contents_.widths.emplace(name, event ? 0 : width).second, "two variables have the name " + name);
  }

  void change(const std::string& word) {
    if (word == "$dumpvars") {
      require(timed_ && contents_.changes.empty(), "$dumpvars is not at the start");
      dumping_ = true;
    } else if (word == "$end") {
      require(dumping_, "$end without a beginning");
      dumping_ = false;
    } else if (word[0] == '#') {
      time(std::stoull(word.substr(1)));
    } else if (word[0] == 'b') {
      value(next(), word.substr(1), true);
    } else {
      value(word.substr(1), word.substr(0, 1), false);
    }
  }

  void time(std::uint64_t now) {
    require(!timed_ || now > contents_.last_time, "time does not rise at " + std::to_string(now));
    if (!timed_) contents_.first_time = now;
    timed_ = true;
    contents_.last_time = now;
  }

  void value(const std::string& code, const std::string& digits, bool vector) {
    const auto found = variables_.find(code);
    require(found != variables_.end(), "undeclared variable " + code);
    const Variable& variable = found->second;
    require(timed_, "a change before the first time");
    require(digits == "x" || digits.find_first_not_of("01") == std::string::npos, "bad value " + digits);
    require(vector == (variable.width > 1) && digits.size() <= variable.width,
            "wrong width of " + variable.name);
    require(!vector || digits.size() == 1 || digits[0] == '1', "leading zeros in " + variable.name);
    if (dumping_) {
      require(!variable.event, "an event has no initial value");
      contents_.initial[variable.name] = digits;
    } else {
      contents_.changes.push_back({contents_.last_time, variable.name, digits});
    }
  }

  std::istringstream in_;
  VcdContents contents_;
  std::vector<std::string> scopes_;
  std::map<std::string, Variable> variables_;
  bool timed_ = false, dumping_ = false;
};

}  // namespace

std::vector<std::string> VcdContents::of(const std::string& name) const {
  std::vector<std::string> found;
  for (const auto& change : changes)
    if (change.name == name) found.push_back(std::to_string(change.time) + "=" + change.value);
  return found;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

VcdContents read_vcd(const std::string& text) { return Reader(text).read(); }

}  // namespace memio::test
