"""Front-of-door strips (门前三包): the ground from wall to kerb that each shop answers for."""
