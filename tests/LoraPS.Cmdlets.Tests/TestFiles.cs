namespace LoraPS.Cmdlets.Tests;

/// <summary>Where tests find files.</summary>
internal static class TestFiles
{
    /// <summary>A LoRA of rank 4 and alpha 1, without 3x3 convolutions.</summary>
    public static string LierLa { get; } = Fixture("lora/lierla_init.safetensors");

    /// <summary>A LoRA of rank 4 and alpha 2, with 3x3 convolutions of rank 4.</summary>
    public static string C3Lier { get; } = Fixture("lora/c3lier_init.safetensors");

    /// <summary>A model with random weights that is small enough to train in a test.</summary>
    public static string TinyModel { get; } = Repository("examples/models/tiny");

    /// <summary>Twelve pictures with .txt captions.</summary>
    public static string Images { get; } = Repository("examples/images");

    /// <summary>A file or folder of the repository.</summary>
    public static string Repository(string path) => Path.Combine((string)AppContext.GetData("LoraPS.RepositoryRoot")!, path);

    /// <summary>A small checkpoint that the LoRAs of the tests fit.</summary>
    public static string Checkpoint { get; } = Fixture("unet/sd1_checkpoint.safetensors");

    /// <summary>A DyLoRA file of rank 8.</summary>
    public static string DyLora { get; } = Fixture("dylora/split_input.safetensors");

    /// <summary>A LoRA of 14 modules of all kinds: A (rank 4), B (rank 4, float16), C (rank 8, convolutions 6), N (rank 4, no alphas).</summary>
    public static string Lora(string name) => Fixture($"merge/{name}.safetensors");

    /// <summary>A file under Fixtures/, copied to the output folder.</summary>
    public static string Fixture(string path) => Path.Combine(AppContext.BaseDirectory, "Fixtures", path);
}
