using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Training;
using LoraPS.Engine.Training;

namespace LoraPS.Reliability.Boundaries;

/// <summary>What a run that has a destination, or that was killed, means for the next one.</summary>
public sealed class LockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Output => _folder.File("out.safetensors");

    private string Lock => _folder.File(".out.safetensors.lock");

    [Fact]
    public void A_destination_that_another_run_has_is_refused_and_nothing_is_written()
    {
        using (new FileStream(Lock, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Assert.Equal("DestinationInUse", Assert.Throws<DestinationInUseException>(Merge).ErrorId);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void What_a_killed_run_left_is_cleared_away_with_its_lock()
    {
        File.WriteAllText(Lock, "");
        File.WriteAllText(_folder.File(".out.safetensors.abcdefgh.ijk.tmp"), "half");
        Directory.CreateDirectory(_folder.File(".out.safetensors.lmnopqrs.tuv.tmp"));
        Merge();
        Assert.Equal(["out.safetensors"], _folder.Entries);
    }

    [Fact]
    public void A_folder_that_was_moved_aside_is_put_back_when_nothing_took_its_place()
    {
        Directory.CreateDirectory(_folder.File(".out.safetensors.abcdefgh.ijk.old"));
        Assert.Throws<DestinationExistsException>(Merge);
        Assert.Equal(["out.safetensors"], _folder.Entries);
    }

    [Fact]
    public void A_refused_run_makes_no_folder()
    {
        Assert.Throws<LoraMergeException>(() => LoraMerger.Merge([new(TestFiles.Fixture("merge/A.safetensors"), 0)], _folder.File("new/out.safetensors")));
        Assert.Empty(_folder.Entries);
    }

    [Fact]
    public void Half_a_line_of_a_log_does_not_spoil_the_next()
    {
        using var folder = new TrainingFolder();
        File.WriteAllText(folder["log.jsonl"], "{\"event\":\"st");
        LoraTrainer.Train(folder.Model, folder.Dataset(), folder.Options() with { MaxTrainSteps = 1, LogPath = folder["log.jsonl"] });
        Assert.StartsWith("{\"event\":\"settings\"", File.ReadAllLines(folder["log.jsonl"])[1], StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Merge() => LoraMerger.Merge([new(TestFiles.Fixture("merge/A.safetensors"), 0.5)], Output);
}
