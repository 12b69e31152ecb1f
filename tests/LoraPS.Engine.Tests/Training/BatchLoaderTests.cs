using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Training;

/// <summary>Batches that are prepared while others train: nothing but the time is another.</summary>
public sealed class BatchLoaderTests : IDisposable
{
    /// <summary>As the system shows the thread: it cuts names after fifteen characters.</summary>
    private const string WorkerName = "LoraPS work ahe";

    private readonly TrainingFolder _folder = new();

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(false, true, 2)]
    [InlineData(true, false, 2)]
    [InlineData(true, true, 1)]
    public void A_run_learns_the_same_bytes_as_without(bool randomCrop, bool weightedCaptions, int accumulation)
    {
        var options = RandomRun.Options(_folder["cat.safetensors"]) with
        {
            Overwrite = true,
            GradientAccumulationSteps = accumulation,
            WeightedCaptions = weightedCaptions,
            Noise = new() { Offset = 0.1, AdaptiveScale = 0.1, PyramidLevels = 4, InputPerturbation = 0.1 },
        };
        Train(options, randomCrop);
        var ahead = _folder.Hashes();
        Train(options with { PreparesAhead = false }, randomCrop);
        Assert.Equal(ahead, _folder.Hashes());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_picture_that_can_no_longer_be_read_ends_the_run_at_its_own_step(bool ahead)
    {
        var dataset = _folder.Dataset(batchSize: 1, new SubsetOptions { CaptionExtension = ".txt", RandomCrop = true });
        var order = BatchSampler.Epoch(dataset, seed: 1, epoch: 1);
        var events = new ActingList<RunStartedEvent>(() => File.Delete(order[2].Items[0].Entry.Path));
        var error = Assert.Throws<ImageUnreadableException>(() => LoraTrainer.Train(
            _folder.Model, dataset, _folder.Options() with { PreparesAhead = ahead }, events));
        Assert.Equal(order[2].Items[0].Entry.Path, error.Path);
        Assert.Equal([1, 2], events.OfType<TrainingStepEvent>().Select(e => e.Step.Step));
        Assert.True(WorkersHaveEnded());
    }

    [Fact]
    public void Pictures_that_cannot_be_read_are_left_out_one_by_one()
    {
        var dataset = _folder.Dataset(batchSize: 1);
        foreach (var broken in (string[])["0.png", "1.png", "3.png"])
            File.WriteAllBytes(Path.Combine(_folder.Pictures, broken), [1, 2, 3]);
        var events = new ActingList<RunFinishedEvent>(() => { });
        var result = LoraTrainer.Train(_folder.Model, dataset, _folder.Options(), events);
        Assert.Equal((1, 3), (result.Pictures, result.SkippedPictures));
        Assert.Equal(["0.png", "1.png", "3.png"], events.OfType<WarningEvent>().Where(e => e.Id == "ImageUnreadable").Select(e => Path.GetFileName((string)e.Target!)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Neither_tensors_nor_threads_are_left_when_a_run_is_stopped(bool randomCrop)
    {
        // What TorchSharp's count of tensors grows by when a model is loaded and freed is no matter of the batches.
        var without = StopAfterFirstStep(randomCrop, preparesAhead: false);
        Assert.Equal(without, StopAfterFirstStep(randomCrop, preparesAhead: true));
        Assert.Equal(0, without.OfThread);
        Assert.True(WorkersHaveEnded());
    }

    [Fact]
    public void No_thread_is_left_when_the_encoding_of_pictures_is_stopped()
    {
        using var stop = new CancellationTokenSource();
        var events = new ActingList<ProgressEvent>(stop.Cancel, e => e.Part?.Activity == "Caching latents");
        Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(_folder.Model, _folder.Dataset(), _folder.Options(), events, stop.Token));
        Assert.True(WorkersHaveEnded());
    }

    public void Dispose() => _folder.Dispose();

    private void Train(TrainingOptions options, bool randomCrop) =>
        LoraTrainer.Train(_folder.Model, RandomRun.Dataset(_folder.Pictures, randomCrop), options);

    /// <summary>By how many there are more tensors, in the process and as this thread counts, after a run that is stopped.</summary>
    private (long OfProcess, long OfThread) StopAfterFirstStep(bool randomCrop, bool preparesAhead)
    {
        var (before, ofThread) = (Tensors(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using var stop = new CancellationTokenSource();
        var options = RandomRun.Options(_folder["cat.safetensors"]) with { PreparesAhead = preparesAhead, Overwrite = true };
        var stopped = Assert.Throws<TrainingStoppedException>(() => LoraTrainer.Train(
            _folder.Model, RandomRun.Dataset(_folder.Pictures, randomCrop), options, new ActingList<TrainingStepEvent>(stop.Cancel), stop.Token));
        Assert.Equal(1, stopped.Step);
        return (Tensors() - before, DisposeScopeManager.Statistics.ThreadTotalLiveCount - ofThread);
    }

    /// <summary>Tensors of the process, those apart that nobody holds any more.</summary>
    private static long Tensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }

    /// <summary>Whether all threads that work ahead have ended; told on Linux only, where the system shows a thread a moment longer than it lives.</summary>
    private static bool WorkersHaveEnded() => !OperatingSystem.IsLinux() || SpinWait.SpinUntil(() => !Directory.EnumerateDirectories("/proc/self/task").Any(IsWorker), TimeSpan.FromMinutes(1));

    private static bool IsWorker(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).Trim() == WorkerName;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Keeps events, and does something at the first of a kind.</summary>
    private sealed class ActingList<TEvent>(Action act, Predicate<TEvent>? when = null) : List<EngineEvent>, IProgress<EngineEvent>
        where TEvent : EngineEvent
    {
        private bool _done;

        public void Report(EngineEvent value)
        {
            Add(value);
            if (_done || value is not TEvent wanted || when?.Invoke(wanted) == false)
                return;
            _done = true;
            act();
        }
    }
}
