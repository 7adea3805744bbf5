#include <lakebase/lakebase.hpp>

int main() {}
