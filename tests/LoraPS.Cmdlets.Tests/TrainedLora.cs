namespace LoraPS.Cmdlets.Tests;

/// <summary>A LoRA that was trained once for all tests of a class.</summary>
public sealed class TrainedLora : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainedLora()
    {
        using var session = new ModuleSession();
        session.Run($"""
            New-LoraDataset '{TestFiles.Images}' -CaptionExtension .txt -Resolution 64 |
                Start-LoraTraining -Model '{TestFiles.TinyModel}' -DestinationPath '{Path}' -Rank 2 -LearningRate 1e-2 -MaxTrainSteps 2 -Seed 1
            """).AssertNoErrors();
    }

    /// <summary>The file.</summary>
    public string Path => _folder.File("zorb.safetensors");

    public void Dispose() => _folder.Dispose();
}
