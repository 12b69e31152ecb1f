using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using TorchSharp;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A run holds as much at its end as after its first steps.</summary>
public sealed class MemoryTests : IDisposable
{
    private const int Steps = 500;
    private const int WarmSteps = 20;
    private const long GenerousGrowth = 200L << 20;

    private readonly TrainingFolder _folder = new();

    [Fact]
    public void Memory_does_not_grow_over_five_hundred_steps()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var held = new HeldAtSteps();
        LoraTrainer.Train(_folder.Model, _folder.Dataset(batchSize: 1), RandomRun.Options(_folder["cat.safetensors"]) with { MaxTrainSteps = Steps }, held);

        Assert.Equal(Steps, held.Tensors.Count);
        Assert.All(held.Tensors.Skip(WarmSteps), count => Assert.Equal(held.Tensors[WarmSteps], count));
        Assert.True(held.Bytes[^1] - held.Bytes[WarmSteps] < GenerousGrowth, $"{(held.Bytes[^1] - held.Bytes[WarmSteps]) >> 20} MiB more");
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What the thread and the process hold when a step is told of.</summary>
    private sealed class HeldAtSteps : IProgress<EngineEvent>
    {
        public List<long> Tensors { get; } = [];

        public List<long> Bytes { get; } = [];

        public void Report(EngineEvent value)
        {
            if (value is not TrainingStepEvent)
                return;
            Tensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            Bytes.Add(Environment.WorkingSet);
        }
    }
}
