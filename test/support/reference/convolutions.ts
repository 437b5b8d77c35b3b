// Convolutions by name, each in the form that its attributes say.
import {
  addedFilterGradient,
  biasedConvolution,
  convolution,
  filterGradient,
  inputGradient,
  mappedFilter,
} from "./convolution.ts";
import { chosen, type Reference } from "./reference.ts";
import { pooledBiasGradient, pooledConvolution, pooledFilterGradient, pooledInputGradient } from "./relu-pool.ts";

/** The additional work of a convolution or its gradient. */
interface Form {
  readonly bias?: true;
  readonly pool?: object;
  readonly through?: object;
  readonly accumulate?: true;
}

/** The mask is an integer. */
const MASK = [1];

/** References by the operation's name. */
export const convolutions: Readonly<Record<string, Reference>> = {
  conv2d: chosen(({ bias, pool }: Form) => (pool ? pooledConvolution : bias ? biasedConvolution : convolution), MASK),
  conv2dInputGrad: chosen(({ through }: Form) => (through ? pooledInputGradient : inputGradient)),
  conv2dFilterGrad: chosen(({ through, accumulate }: Form) =>
    through ? pooledFilterGradient : accumulate ? addedFilterGradient : filterGradient,
  ),
  conv2dBiasGrad: pooledBiasGradient,
  mapFilter: mappedFilter,
};
