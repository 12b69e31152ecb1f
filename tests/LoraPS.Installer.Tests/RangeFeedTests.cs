using LoraPS.Engine.Runtime;

namespace LoraPS.Installer.Tests;

/// <summary>From a feed that is reached by HTTP.</summary>
public sealed class RangeFeedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("LoraPS.Installer.").FullName;
    private readonly FeedServer _server = new();

    private RuntimeStore Store => new(Path.Combine(_folder, "store"));

    private string Part => Path.Combine(Store.DownloadFolder, $"{FakePackages.CudaId}-part1.{LibTorch.Version}.nupkg.part");

    public RangeFeedTests()
    {
        foreach (var (id, package) in FakePackages.Cuda(null, 1, 2))
            _server.Add(id, package);
    }

    [Fact]
    public void Packages_are_fetched_and_checked_by_the_feeds_hash()
    {
        Assert.Equal(8000, Install().Length);
        Assert.Equal([0, 0, 0, 0, 0], _server.Starts);
    }

    [Fact]
    public void A_connection_that_breaks_is_taken_up_where_it_broke()
    {
        _server.BreakAfter = 1000;
        Assert.Equal(8000, Install().Length);
        Assert.True(_server.Starts.Count > 5);
        Assert.Contains(1000, _server.Starts);
        Assert.Contains(2000, _server.Starts);
    }

    [Fact]
    public void Ctrl_C_keeps_the_part_and_the_next_run_goes_on_with_it()
    {
        using var stop = new CancellationTokenSource();
        _server.BreakAfter = 1500;
        Assert.ThrowsAny<OperationCanceledException>(() => Install(new StopAtPackage(2, stop), stop: stop.Token));
        Assert.Null(Store.Current);
        Assert.Equal(1500, new FileInfo(Part).Length);
        _server.BreakAfter = null;
        _server.Starts.Clear();

        Assert.Equal(8000, Install().Length);
        Assert.Equal([1500, 0, 0, 0], _server.Starts);
    }

    [Fact]
    public void A_part_of_something_else_is_fetched_anew()
    {
        Directory.CreateDirectory(Store.DownloadFolder);
        File.WriteAllBytes(Part, new byte[500]);

        Assert.Equal(8000, Install().Length);
        Assert.Equal([0, 500, 0], _server.Starts.Take(3));
    }

    [Fact]
    public void A_part_that_was_whole_is_not_fetched_again()
    {
        Directory.CreateDirectory(Store.DownloadFolder);
        File.WriteAllBytes(Part, FakePackages.Cuda(null, 1, 2).ElementAt(1).Bytes);

        Assert.Equal(8000, Install().Length);
        Assert.Equal(5, _server.Starts.Count);
    }

    [Fact]
    public void A_feed_without_ranges_starts_again_from_the_beginning()
    {
        _server.HasRanges = false;
        Directory.CreateDirectory(Store.DownloadFolder);
        File.WriteAllBytes(Part, new byte[500]);

        Assert.Equal(8000, Install().Length);
    }

    [Fact]
    public void A_package_that_is_not_what_the_feed_says_is_refused_and_not_kept()
    {
        _server.Hash = FakePackages.Hash([1]);
        var error = Assert.Throws<RuntimeInstallException>(() => Install());
        Assert.Equal("RuntimePackageCorrupt", error.ErrorId);
        Assert.Contains(_server.Hash, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Store.DownloadFolder));
    }

    [Fact]
    public void A_feed_that_gives_no_hash_is_not_believed()
    {
        _server.Hash = "";
        Assert.Equal("RuntimePackageUnverified", Assert.Throws<RuntimeInstallException>(() => Install()).ErrorId);
    }

    [Fact]
    public void A_connection_that_brings_nothing_is_given_up()
    {
        _server.BreakAfter = 0;
        var error = Assert.Throws<RuntimeInstallException>(() => Install());
        Assert.Equal("RuntimeFeedUnavailable", error.ErrorId);
        Assert.Contains("run the command again to go on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_feed_that_cannot_be_reached_is_named()
    {
        var gone = _server.Index;
        _server.Dispose();
        var error = Assert.Throws<RuntimeInstallException>(() => Install(index: gone));
        Assert.Equal("RuntimeFeedUnavailable", error.ErrorId);
        Assert.Contains(gone, error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private InstalledRuntime Install(IProgress<EngineEvent>? events = null, string? index = null, CancellationToken stop = default) => RuntimeInstaller.Install(
        new RuntimeInstallOptions { Backend = RuntimeBackend.Cuda, Store = Store, Sources = [index ?? _server.Index], ConfigurationFolder = _folder }, events, stop);

    /// <summary>Stops the run when the first bytes of a package have come.</summary>
    private sealed class StopAtPackage(int number, CancellationTokenSource stop) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is ProgressEvent { Activity: "Fetching libtorch" } progress && progress.Status.Contains($" MiB ({number} of", StringComparison.Ordinal))
                stop.Cancel();
        }
    }
}
