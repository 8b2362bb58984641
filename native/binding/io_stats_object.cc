#include "binding/io_stats_object.hpp"

#include <iterator>

#include "binding/values.hpp"

namespace openais {
namespace {

struct Counter {
  const char* name;
  std::uint64_t IoStats::*field;
};

constexpr Counter kCounters[] = {
    {"sendCalls", &IoStats::send_calls},
    {"datagramsSent", &IoStats::datagrams_sent},
    {"datagramsSegmented", &IoStats::datagrams_segmented},
    {"datagramsUnsent", &IoStats::datagrams_unsent},
    {"sendWaits", &IoStats::send_waits},
    {"segmentationRefusals", &IoStats::segmentation_refusals},
    {"receiveCalls", &IoStats::receive_calls},
    {"buffersReceived", &IoStats::buffers_received},
    {"datagramsReceived", &IoStats::datagrams_received},
    {"receiveOverflows", &IoStats::receive_overflows},
    {"datagramsCut", &IoStats::datagrams_cut},
    {"refusals", &IoStats::refusals},
    {"passes", &IoStats::passes},
    {"wakes", &IoStats::wakes},
};
static_assert(sizeof(IoStats) == sizeof(std::uint64_t) * std::size(kCounters), "every counter has a name");

}  // namespace

napi_value io_stats_object(napi_env env, const IoStats& stats) {
  napi_value object = nullptr;
  napi_create_object(env, &object);
  for (const Counter& counter : kCounters) {
    const napi_value value = number_value(env, static_cast<double>(stats.*counter.field));
    napi_set_named_property(env, object, counter.name, value);
  }
  return object;
}

}  // namespace openais
