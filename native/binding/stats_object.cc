#include "binding/stats_object.hpp"

#include "binding/values.hpp"

namespace openais {
namespace {

struct Counter {
  const char* name;
  std::uint64_t Stats::*field;
};

constexpr Counter kCounters[] = {
    {"packetsReceived", &Stats::packets_received},
    {"packetsSent", &Stats::packets_sent},
    {"bytesReceived", &Stats::bytes_received},
    {"bytesSent", &Stats::bytes_sent},
    {"tokensReceived", &Stats::tokens_received},
    {"tokensSent", &Stats::tokens_sent},
    {"tokenRetransmits", &Stats::token_retransmits},
    {"dataOriginated", &Stats::data_originated},
    {"dataRetransmitted", &Stats::data_retransmitted},
    {"retransmitRequests", &Stats::retransmit_requests},
    {"messagesOriginated", &Stats::messages_originated},
    {"messagesDelivered", &Stats::messages_delivered},
    {"bytesDelivered", &Stats::bytes_delivered},
    {"holds", &Stats::holds},
    {"holdCancels", &Stats::hold_cancels},
    {"rotationMeanNs", &Stats::rotation_mean_ns},
    {"rotationBoundNs", &Stats::rotation_bound_ns},
    {"storeUsed", &Stats::store_used},
    {"storeHigh", &Stats::store_high},
    {"window", &Stats::window},
    {"recoveryCopies", &Stats::recovery_copies},
};
constexpr std::size_t kReasons = static_cast<std::size_t>(Drop::kCount);
static_assert(sizeof(Stats) == sizeof(std::uint64_t) * (std::size(kCounters) + kReasons), "every counter has a name");

void set(napi_env env, napi_value object, const char* name, std::uint64_t value) {
  napi_set_named_property(env, object, name, number_value(env, static_cast<double>(value)));
}

}  // namespace

napi_value stats_object(napi_env env, const Stats& stats) {
  napi_value object = nullptr;
  napi_value dropped = nullptr;
  napi_create_object(env, &object);
  napi_create_object(env, &dropped);
  for (const Counter& counter : kCounters) set(env, object, counter.name, stats.*counter.field);
  for (std::size_t i = 0; i < kReasons; ++i) set(env, dropped, drop_name(static_cast<Drop>(i)), stats.dropped[i]);
  napi_set_named_property(env, object, "dropped", dropped);
  return object;
}

}  // namespace openais
