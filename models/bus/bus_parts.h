// What a bus keeps of each initiator and each target. Private to models/bus.
#pragma once

#include <list>
#include <map>

#include "bus/bus.h"
#include "bus/protocol_checker.h"

namespace memio {

/// A transaction of timing mode `at` that has been served and waits for its response.
struct Bus::Response {
  Payload* payload = nullptr;
  Cycles request = 0;
};

/// A request of timing mode `at`, from BEGIN_REQ to the start of its service.
struct Bus::Pending : Request {
  Payload* payload = nullptr;
  const Range* range = nullptr;
  sc_core::sc_event* finished = nullptr;  ///< of a b_transport, which has no phases
};

struct Bus::Initiator {
  Initiator(std::string n, Space s, unsigned p, Ties t, const std::string& socket_name)
      : name(std::move(n)), space(s), priority(p), ties(t), socket(socket_name.c_str()) {}

  std::string name;
  Space space;
  unsigned priority;
  Ties ties;
  unsigned domain = 0;
  tlm_utils::simple_target_socket_tagged<Bus> socket;
  std::unique_ptr<ProtocolChecker> checker;    // of `at`: before the socket
  std::vector<std::unique_ptr<Route>> routes;  // by number of the target; null in the other space
  std::vector<bool> latencies_known;           // by number of the target: those of its grants
  Occupancy port;
  std::uint64_t unmapped = 0;

  // Of `at`: the request whose END_REQ is due, the responses to come, and the one whose END_RESP is.
  Payload* requesting = nullptr;
  Cycles end_request = never;
  std::multimap<std::pair<Cycles, unsigned>, Response> responses;  // by time and number of the target
  Payload* responding = nullptr;
  Cycles response_free = 0;
  sc_core::sc_event due;
};

struct Bus::Target {
  Target(std::string n, Space s, TargetSocket& b, Arbitration policy, const std::string& socket_name)
      : name(std::move(n)), space(s), bound(b), arbiter(policy), socket(socket_name.c_str()) {}

  std::string name;
  Space space;
  TargetSocket& bound;
  Occupancy occupancy;
  TargetTraits traits;
  Arbiter arbiter;
  tlm_utils::simple_initiator_socket_tagged<Bus> socket;
  bool serving = false;
  std::vector<const Request*> waiting;
  std::vector<const Request*> held;  // of `at`: not accepted, as the queue is full
  std::list<Pending> requests;       // of `at`: those that `waiting` and `held` point to
  sc_core::sc_event changed;
};

}  // namespace memio
