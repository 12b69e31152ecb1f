using LoraPS.Engine.Formats;
using LoraPS.Engine.Runtime;

namespace LoraPS.Installer.Tests;

/// <summary>From a folder with packages. The CPU's package is named with its real hash in the module, so CUDA's is the one to fake.</summary>
public sealed class RuntimeInstallerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("LoraPS.Installer.").FullName;
    private readonly List<EngineEvent> _events = [];

    private string Feed => Path.Combine(_folder, "feed");

    private RuntimeStore Store => new(Path.Combine(_folder, "store"));

    [Fact]
    public void A_library_in_pieces_is_put_together()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        Assert.Null(Store.Current);

        var runtime = Install();

        Assert.Equal(Store.FolderOf(RuntimeBackend.Cuda), runtime.Path);
        Assert.Equal(RuntimeBackend.Cuda, Store.Current);
        Assert.Equal(Feed, runtime.Origin);
        Assert.Equal(FakePackages.Contents("torch_cuda", 5000), File.ReadAllBytes(Installed("torch_cuda")));
        Assert.Equal(FakePackages.Contents("c10_cuda"), File.ReadAllBytes(Installed("c10_cuda")));
        Assert.Equal(8000, runtime.Length);
        Assert.Equal(["c10", "c10_cuda", "torch_cpu", "torch_cuda"], Directory.GetFiles(runtime.Path).Select(Path.GetFileName).Where(f => f != "runtime.json").Order().Select(f => f![3..^3]));
        Assert.Empty(Directory.GetFiles(Store.DownloadFolder));
        Assert.Contains(_events, e => e is ProgressEvent { Activity: "Unpacking libtorch", Fraction: 1 });
    }

    [Fact]
    public void What_is_installed_is_not_fetched_again_without_force()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        Install();
        File.Delete(Store.CurrentFile);
        File.WriteAllText(Installed("c10"), "mine");

        Assert.Equal(Store.FolderOf(RuntimeBackend.Cuda), Install(feed: Path.Combine(_folder, "nothing")).Path);
        Assert.Equal(RuntimeBackend.Cuda, Store.Current);
        Assert.Equal("mine", File.ReadAllText(Installed("c10")));

        Install(force: true);
        Assert.Equal(FakePackages.Contents("c10"), File.ReadAllBytes(Installed("c10")));
    }

    [Fact]
    public void A_library_that_is_not_what_its_hash_says_is_refused()
    {
        PutCuda(FakePackages.Cuda(new string('0', 64), 1, 2));
        Assert.Contains(new string('0', 64), Refused("RuntimePackageCorrupt").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_fragment_is_named()
    {
        PutCuda(FakePackages.Cuda(null, 2));
        Assert.Contains("its fragment 1 is missing", Refused("RuntimePackageCorrupt").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_package_that_is_not_what_the_feed_says_is_refused_and_not_kept()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        var part = $"{FakePackages.CudaId}-part1";
        FakePackages.Put(Feed, part, FakePackages.Package(part, [], []), hash: FakePackages.Hash([1]));

        Assert.Contains(FakePackages.Hash([1]), Refused("RuntimePackageCorrupt").Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(Store.DownloadFolder), file => file.Contains("part1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_hash_that_the_module_knows_goes_before_the_feeds()
    {
        FakePackages.Put(Feed, FakePackages.CpuId, FakePackages.Cpu());
        Refused("RuntimePackageCorrupt", RuntimeBackend.Cpu);
        Refused("RuntimePackageCorrupt", RuntimeBackend.Cpu, allowUnverified: true);
    }

    [Fact]
    public void What_nothing_vouches_for_is_taken_only_when_allowed()
    {
        Directory.CreateDirectory(Feed);
        foreach (var (id, package) in FakePackages.Cuda(null, 1, 2))
            File.WriteAllBytes(Path.Combine(Feed, $"{id}.{LibTorch.Version}.nupkg"), package);

        Refused("RuntimePackageUnverified");
        Install(allowUnverified: true);
        Assert.Equal(5, _events.OfType<WarningEvent>().Count(e => e.Id == "RuntimePackageUnverified"));
    }

    [Theory]
    [InlineData("runtimes/linux-x64/native/../../../../evil.so")]
    [InlineData("../evil.so")]
    [InlineData("/evil.so")]
    [InlineData(@"runtimes\..\..\evil.so")]
    [InlineData("C:/evil.so")]
    public void A_package_that_leads_out_of_its_folder_is_refused(string name)
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        var part = $"{FakePackages.CudaId}-part1";
        FakePackages.Put(Feed, part, FakePackages.Package(part, [], [(FakePackages.Place("c10"), [1]), (name, [2])]));

        Assert.Contains("leads out of the folder", Refused("RuntimePackageCorrupt").Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder, "evil*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Packages_without_all_libraries_are_refused_and_what_was_installed_stays()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        Install();
        var part = $"{FakePackages.CudaId}-part1";
        FakePackages.Put(Feed, part, FakePackages.Package(part, [], [(FakePackages.Place("c10"), [1])]));

        var error = Assert.Throws<RuntimeInstallException>(() => Install(force: true));

        Assert.Contains(LibTorch.FileName("torch_cpu"), error.Message, StringComparison.Ordinal);
        Assert.Equal(FakePackages.Contents("c10"), File.ReadAllBytes(Installed("c10")));
        Assert.Equal([Store.FolderOf(RuntimeBackend.Cuda)], Directory.GetDirectories(Path.GetDirectoryName(Store.CurrentFile)!));
    }

    [Fact]
    public void A_part_that_another_run_writes_is_left_alone()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        using var other = new PartFile(Path.Combine(Store.DownloadFolder, $"{FakePackages.CudaId}.{LibTorch.Version}.nupkg"));
        other.Append([1, 2, 3]);

        Assert.Throws<WriteFailedException>(() => Install());
        Assert.Equal(3, other.Length);
    }

    [Fact]
    public void A_package_that_no_feed_has_is_named_with_the_feeds()
    {
        Directory.CreateDirectory(Feed);
        var error = Refused("RuntimePackageMissing");
        Assert.Contains($"{FakePackages.CudaId}.{LibTorch.Version}", error.Message, StringComparison.Ordinal);
        Assert.Contains(Feed, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Feeds_come_from_NuGet_config_and_can_be_named_by_their_names_there()
    {
        PutCuda(FakePackages.Cuda(null, 1, 2));
        File.WriteAllText(Path.Combine(_folder, "NuGet.config"), """
            <configuration>
              <packageSources><clear /><add key="mine" value="feed" /></packageSources>
              <packageSourceMapping><clear /><packageSource key="mine"><package pattern="libtorch-*" /></packageSource></packageSourceMapping>
            </configuration>
            """);
        RuntimeInstallOptions options = new() { Backend = RuntimeBackend.Cuda, Store = Store, ConfigurationFolder = _folder };

        Assert.Equal(Feed, RuntimeInstaller.Install(options).Origin);
        Assert.Equal(Feed, RuntimeInstaller.Install(options with { Force = true, Sources = ["Mine"] }).Origin);
    }

    [Fact]
    public void A_feed_that_is_not_encrypted_is_refused() =>
        Assert.Equal("RuntimeFeedInsecure", Assert.Throws<RuntimeInstallException>(() => Install(feed: "http://feed.example/v3/index.json")).ErrorId);

    [Fact]
    public void A_folder_with_libtorch_is_copied()
    {
        var lib = Directory.CreateDirectory(Path.Combine(_folder, "libtorch", "lib")).FullName;
        File.WriteAllText(Path.Combine(_folder, "libtorch", "build-version"), $"{LibTorch.Version}+cpu\n");
        foreach (var library in new[] { "c10", "torch_cpu", "torch_python" })
            File.WriteAllBytes(Path.Combine(lib, LibTorch.FileName(library)), FakePackages.Contents(library));

        var runtime = LocalRuntime.Install(Path.Combine(_folder, "libtorch"), Store, force: false);

        Assert.Equal((RuntimeBackend.Cpu, lib, 2000), (runtime.Backend, runtime.Origin, runtime.Length));
        Assert.Equal(RuntimeBackend.Cpu, Store.Current);
        Assert.Throws<DestinationExistsException>(() => LocalRuntime.Install(lib, Store, force: false));
        LocalRuntime.Install(lib, Store, force: true);
    }

    [Fact]
    public void A_folder_with_another_version_or_none_is_refused()
    {
        Assert.Equal("RuntimeFolderUnusable", Assert.Throws<RuntimeInstallException>(() => LocalRuntime.BackendOf(_folder)).ErrorId);
        File.WriteAllText(Path.Combine(_folder, LibTorch.FileName("torch_cpu")), "");
        Assert.Equal(RuntimeBackend.Cpu, LocalRuntime.BackendOf(_folder));
        File.WriteAllText(Path.Combine(_folder, "build-version"), "1.13.0");
        Assert.Contains("1.13.0", Assert.Throws<RuntimeInstallException>(() => LocalRuntime.BackendOf(_folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void PutCuda(IEnumerable<(string Id, byte[] Bytes)> packages)
    {
        foreach (var (id, bytes) in packages)
            FakePackages.Put(Feed, id, bytes);
    }

    private string Installed(string library) => Path.Combine(Store.FolderOf(RuntimeBackend.Cuda), LibTorch.FileName(library));

    private RuntimeInstallException Refused(string errorId, RuntimeBackend backend = RuntimeBackend.Cuda, bool allowUnverified = false)
    {
        var error = Assert.Throws<RuntimeInstallException>(() => Install(backend, allowUnverified: allowUnverified));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Null(Store.Current);
        Assert.False(Directory.Exists(Store.FolderOf(backend)));
        return error;
    }

    private InstalledRuntime Install(RuntimeBackend backend = RuntimeBackend.Cuda, bool force = false, bool allowUnverified = false, string? feed = null) => RuntimeInstaller.Install(
        new RuntimeInstallOptions { Backend = backend, Store = Store, Sources = [feed ?? Feed], ConfigurationFolder = _folder, Force = force, AllowUnverified = allowUnverified },
        new Events(_events));

    private sealed class Events(List<EngineEvent> events) : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value) => events.Add(value);
    }
}
