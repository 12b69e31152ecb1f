using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Models.Loading;

/// <summary>What a checkpoint holds, whatever its layout: sizes, and tensors under the names of the networks.</summary>
/// <param name="Config">Sizes of the networks.</param>
/// <param name="UNet">Tensors of the U-Net.</param>
/// <param name="Vae">Tensors of the autoencoder.</param>
/// <param name="TextEncoder">Tensors of the text encoder.</param>
/// <param name="Unexpected">Keys that belong to no network and are none of the known extras.</param>
/// <param name="Files">The open files, closed with this object.</param>
internal sealed record CheckpointContents(
    StableDiffusionConfig Config,
    PartTensors UNet,
    PartTensors Vae,
    PartTensors TextEncoder,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<SafetensorsFile> Files) : IDisposable
{
    public void Dispose()
    {
        foreach (var file in Files)
            file.Dispose();
    }
}
