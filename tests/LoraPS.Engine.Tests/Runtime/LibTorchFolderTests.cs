using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Runtime;

public sealed class LibTorchFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_one_that_is_named_goes_before_the_one_installed_and_that_before_the_modules_own()
    {
        var (named, installed, own) = (Make("named"), Make("installed"), Make("own"));

        Assert.Equal(named, LibTorchFolder.Choose(named, installed, [own]));
        Assert.Equal(installed, LibTorchFolder.Choose(null, installed, [own]));
        Assert.Equal(own, LibTorchFolder.Choose(null, null, [own]));
        Assert.Equal(own, LibTorchFolder.Choose(null, _folder.File("gone"), [_folder.File("empty"), own]));
    }

    [Fact]
    public void A_named_folder_without_libtorch_is_an_error_and_not_passed_over()
    {
        var error = Assert.Throws<TorchUnavailableException>(() => LibTorchFolder.Choose(_folder.File("gone"), null, [Make("own")]));
        Assert.Contains(_folder.File("gone"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_none_it_says_how_to_get_one()
    {
        var error = Assert.Throws<TorchUnavailableException>(() => LibTorchFolder.Choose(null, null, [_folder.File("own")]));
        Assert.Contains("Install-LoraRuntime -Backend Cpu", error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("own"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_installed_one_is_current_only_while_its_folder_is_there()
    {
        RuntimeStore store = new(_folder.Path);
        Assert.Null(store.Current);
        Directory.CreateDirectory(store.FolderOf(RuntimeBackend.Cuda));
        File.WriteAllText(store.CurrentFile, "cuda\n");
        Assert.Equal(RuntimeBackend.Cuda, store.Current);
        File.WriteAllText(store.CurrentFile, "cpu");
        Assert.Null(store.Current);
        File.WriteAllText(store.CurrentFile, "something");
        Assert.Null(store.Current);
    }

    [Fact]
    public void Its_version_is_the_one_the_module_was_built_with() =>
        Assert.Contains($"<LibTorchVersion>{LibTorch.Version}</LibTorchVersion>", File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "Directory.Packages.props")), StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private string Make(string name)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        File.WriteAllText(Path.Combine(folder, LibTorch.FileName("torch_cpu")), "");
        return folder;
    }
}
