using LoraPS.Engine.Data;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Merging;
using LoraPS.Engine.Tests.Training;

namespace LoraPS.Reliability.Boundaries;

/// <summary>Folders from elsewhere may hold links to any file of the machine: none is followed out of them unless that is asked for.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly TemporaryFolder _outside = new();

    [Fact]
    public void A_picture_that_is_a_link_out_of_its_folder_is_left_out_with_a_warning()
    {
        var secret = _outside.File("secret.png");
        File.Move(Path.Combine(_folder.Pictures, "1.png"), secret);
        File.CreateSymbolicLink(Path.Combine(_folder.Pictures, "1.png"), secret);
        var events = new List<EngineEvent>();
        var dataset = LoraDataset.FromFolder(_folder.Pictures, Options, new SubsetOptions(), new Progress(events));
        Assert.Equal(3, dataset.ImageCount);
        Assert.Contains(events.OfType<WarningEvent>(), warning => warning.Id == "LinkOutside");
        Assert.Equal(4, LoraDataset.FromFolder(_folder.Pictures, Options, new SubsetOptions { FollowLinks = true }).ImageCount);
    }

    [Fact]
    public void A_caption_that_is_a_link_out_of_its_folder_is_refused()
    {
        var (caption, secret) = (Path.Combine(_folder.Pictures, "1.txt"), _outside.File("secret.txt"));
        File.WriteAllText(secret, "a password");
        File.Delete(caption);
        File.CreateSymbolicLink(caption, secret);
        var error = Assert.Throws<CaptionUnreadableException>(() => _folder.Dataset());
        Assert.Contains(caption, error.Message, StringComparison.Ordinal);
        Assert.Equal("a password", _folder.Dataset(subset: new SubsetOptions { CaptionExtension = ".txt", FollowLinks = true }).Entries[1].Caption);
    }

    [Fact]
    public void A_link_within_its_folder_is_no_matter()
    {
        File.Move(Path.Combine(_folder.Pictures, "1.png"), Path.Combine(_folder.Pictures, "stored"));
        File.CreateSymbolicLink(Path.Combine(_folder.Pictures, "1.png"), "stored");
        Assert.Equal(4, _folder.Dataset().ImageCount);
    }

    [Fact]
    public void A_model_folder_with_a_link_out_of_it_is_not_copied()
    {
        using var work = new FuseCase();
        var model = work.WriteFolder("model", FuseCase.Model);
        File.WriteAllText(_outside.File("key"), "a password");
        File.CreateSymbolicLink(Path.Combine(model, "notes.json"), _outside.File("key"));
        var error = Assert.Throws<OutsideLinkException>(() => CheckpointFuser.Merge(model, [new(FuseCase.LierLa)], work.File("merged"), new()));
        Assert.Contains("notes.json", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(work.File("merged")));
    }

    [Fact]
    public void The_links_of_the_Hub_cache_lead_to_its_own_files_and_are_followed()
    {
        using var work = new FuseCase();
        var snapshot = work.File("models/snapshots/0123");
        Directory.CreateDirectory(Path.GetDirectoryName(snapshot)!);
        Directory.Move(work.WriteFolder("made", FuseCase.Model), snapshot);
        Directory.CreateDirectory(work.File("models/blobs"));
        File.WriteAllText(work.File("models/blobs/abc"), "{}");
        File.CreateSymbolicLink(Path.Combine(snapshot, "model_index.json"), "../../blobs/abc");
        CheckpointFuser.Merge(snapshot, [new(FuseCase.LierLa)], work.File("merged"), new());
        Assert.Equal("{}", File.ReadAllText(Path.Combine(work.File("merged"), "model_index.json")));
    }

    [Fact]
    public void Folders_that_are_links_in_a_circle_are_looked_at_once()
    {
        using var work = new FuseCase();
        var model = work.WriteFolder("model", FuseCase.Model);
        foreach (var name in new[] { "a", "b", "c" })
            Directory.CreateSymbolicLink(Path.Combine(model, name), ".");
        CheckpointFuser.Merge(model, [new(FuseCase.LierLa)], work.File("merged"), new());
        Assert.False(Path.Exists(Path.Combine(work.File("merged"), "a")));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _outside.Dispose();
    }

    private static DatasetOptions Options => new() { Resolution = new ImageSize(TrainingFolder.PictureSize, TrainingFolder.PictureSize) };

    private sealed class Progress(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
