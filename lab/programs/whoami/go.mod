module lab/whoami

go 1.26.0
