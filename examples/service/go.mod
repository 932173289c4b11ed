module example.org/service

go 1.26.0

require jeton v0.0.0

replace jeton => ../..
