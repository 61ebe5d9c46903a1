return await Gaia.Bench.Commands.RunAsync(args);
