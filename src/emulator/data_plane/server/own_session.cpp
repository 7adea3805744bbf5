#include "data_plane/server/own_session.hpp"

namespace lakebase::emulator {

SessionSettings own_session_settings(int version) {
  SessionSettings settings = {{"role", "none"},
                              {"search_path", "pg_catalog"},
                              {"client_encoding", "UTF8"},
                              {"statement_timeout", "0"},
                              {"lock_timeout", "10s"},
                              {"idle_in_transaction_session_timeout", "0"},
                              {"idle_session_timeout", "0"},
                              {"client_connection_check_interval", "0"},
                              {"default_transaction_read_only", "off"},
                              {"default_transaction_deferrable", "off"},
                              {"default_transaction_isolation", "read committed"},
                              {"synchronous_commit", "on"},
                              {"password_encryption", "scram-sha-256"},
                              {"exit_on_error", "off"},
                              {"local_preload_libraries", ""},
                              {"session_preload_libraries", ""},
                              {"post_auth_delay", "0"},
                              {"debug_print_parse", "off"},
                              {"debug_print_rewritten", "off"},
                              {"debug_print_plan", "off"},
                              {"pg_stat_statements.track", "none"}};
  if (version >= 17) settings.emplace_back("transaction_timeout", "0");
  return settings;
}

// Commits wait for standbys, and not for one that hangs for longer.
std::string own_replication_options() {
  return "-c client_encoding=UTF8 -c statement_timeout=0 -c idle_session_timeout=0 -c wal_sender_timeout=10s";
}

}  // namespace lakebase::emulator
