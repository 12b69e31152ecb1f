namespace LoraPS.Cmdlets.Tests.Help;

/// <summary>A folder with files of the names that examples use.</summary>
internal sealed class ExampleFolder : IDisposable
{
    /// <summary>Lays down what an example needs.</summary>
    public ExampleFolder(string code, ModuleSession session)
    {
        CopyFolder(TestFiles.Images, Files.File("photos"));
        CopyFolder(TestFiles.TinyModel, Files.File("sd15"));
        Directory.CreateDirectory(Files.File("small"));
        Files.Copy(TestFiles.Lora("A"), "cat.safetensors");
        Files.Copy(TestFiles.Lora("B"), "style.safetensors");
        Files.Copy(TestFiles.DyLora, "dylora.safetensors");
        File.WriteAllText(Files.File("dataset.toml"), "[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = 'photos'\ncaption_extension = '.txt'\n");
        File.WriteAllText(Files.File("train.toml"), "pretrained_model_name_or_path = 'sd15'\ndataset_config = 'dataset.toml'\noutput_name = 'photos'\n");
        File.WriteAllText(Files.File("cat.jsonl"), "{}\n");
        Directory.CreateDirectory(Files.File("libtorch"));
        foreach (var name in new[] { "libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib" })
            File.WriteAllText(Path.Combine(Files.File("libtorch"), name), "");
        if (code.Contains("sd15.safetensors", StringComparison.Ordinal))
            Files.Copy(TestFiles.Checkpoint, "sd15.safetensors");
        if (code.Contains("tuned.safetensors", StringComparison.Ordinal))
            session.Run("[void] (Merge-Lora ./cat.safetensors -Model ./sd15.safetensors -DestinationPath ./tuned.safetensors)", Files).AssertNoErrors();
    }

    /// <summary>The folder.</summary>
    public TemporaryFolder Files { get; } = new();

    public void Dispose() => Files.Dispose();

    private static void CopyFolder(string source, string destination)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(destination, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
