using LoraPS.Bench;
using LoraPS.Bench.Benchmarks;
using LoraPS.Engine.Runtime;

IBenchmark[] benchmarks =
[
    new TrainingStepBenchmark(), new SvdMergeBenchmark(), new CheckpointMergeBenchmark(), new ExtractBenchmark(), new GetLoraBenchmark(),
    new PictureLoadingBenchmark(), new GpuCheckBenchmark(),
];

if (benchmarks.FirstOrDefault(candidate => candidate.Name == args.FirstOrDefault()) is not { } benchmark)
{
    Console.Error.WriteLine("Measures how fast LoraPS is and how much memory it takes: dotnet run -c Release --project bench/LoraPS.Bench -- NAME");
    foreach (var known in benchmarks)
        Console.Error.WriteLine($"  {known.Name,-18} {known.Summary}");
    return 2;
}

try
{
    return benchmark.Run(args[1..]);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (EngineException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
