using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>Tells how large the factors of each layer are to be.</summary>
internal interface IModuleSizes
{
    /// <summary>Whether residual blocks, downsamplers and upsamplers are reached at all.</summary>
    bool ReachesResnets { get; }

    /// <summary>The size for a layer.</summary>
    /// <param name="part">The model it belongs to.</param>
    /// <param name="name">Its name in LoRA files.</param>
    /// <param name="layer">The layer.</param>
    /// <returns>Null for a layer that gets no factors.</returns>
    ModuleSize? Of(ModelPart part, string name, ProjectionLayer layer);
}
