"""Which model runs where, by the queries; here rows become answers."""
