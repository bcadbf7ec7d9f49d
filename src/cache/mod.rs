//! Get-or-compute over moka and, where configured, Redis; a dead Redis is a miss.
