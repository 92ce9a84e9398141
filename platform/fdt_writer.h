// A thin C++ face of libfdt's sequential-write interface: nodes are scopes, the buffer grows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memio {

class FdtWriter {
 public:
  FdtWriter();

  /// An open node; closing is leaving the scope.
  class Node {
   public:
    Node(FdtWriter& writer, const std::string& name);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    void flag(const char* name);
    void cells(const char* name, const std::vector<std::uint32_t>& cells);
    /// One or more strings, as `compatible` has them.
    void strings(const char* name, const std::vector<std::string>& strings);
    /// Address and size of two cells each.
    void reg(std::uint64_t address, std::uint64_t size);
    void number(const char* name, std::uint64_t value);  ///< two cells

   private:
    FdtWriter& writer_;
  };

  /// The finished tree; the writer is empty afterwards.
  std::string finish();

 private:
  void property(const char* name, const void* data, std::size_t size);

  std::vector<char> buffer_;
};

}  // namespace memio
